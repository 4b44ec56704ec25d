// Classes of your own: give each label a few pictures; any other picture is then one of them, or none of them.

import { Classifier } from 'reslens';
import { webcam50 } from 'reslens-webcam50';
import { Teacher, type Taught } from 'reslens/teach';

const label = document.querySelector<HTMLInputElement>('#label')!;
const examples = document.querySelector<HTMLInputElement>('#examples')!;
const picture = document.querySelector<HTMLInputElement>('#picture')!;
const save = document.querySelector<HTMLButtonElement>('#save')!;
const list = document.querySelector<HTMLElement>('#taught')!;
const answer = document.querySelector<HTMLElement>('#answer')!;

let teacher: Teacher | null = null;
let taught: Taught | null = null;
/** Pictures that are chosen together form one take. */
let takes = 0;

tell(async () => {
  teacher = new Teacher(await Classifier.load({ model: webcam50() }), { name: 'examples' });
  examples.disabled = false;
  return 'Name two labels, and choose a few pictures of each.';
});

examples.onchange = () => tell(async () => {
  if (!teacher) return 'Loading ...';
  const take = String(++takes);
  for (const file of examples.files ?? []) await teacher.show(label.value, file, { take });
  const counts = teacher.labels.map((name) => `${name} ${teacher!.examples.filter(({ label }) => label === name).length}`);
  list.textContent = `Taught: ${counts.join(', ')}.`;
  if (teacher.labels.length < 2) return 'Now another label.';
  taught = teacher.learn();
  picture.disabled = save.disabled = false;
  return 'Learnt. Choose a picture to ask about.';
});

picture.onchange = () => tell(async () => {
  const [file] = picture.files ?? [];
  if (!taught || !file) return 'Choose a picture.';
  const { predictions: [best], none } = await taught.classify(file, { topK: 1 });
  return none ? 'None of these.' : `${best.label} ${(100 * best.probability).toFixed(1)} %`;
});

save.onclick = () => tell(async () => {
  if (!taught) return 'Nothing is taught yet.';
  const url = URL.createObjectURL(await taught.toModel());
  const link = Object.assign(document.createElement('a'), { href: url, download: 'classes.safetensors' });
  link.click();
  URL.revokeObjectURL(url);
  return 'Saved: an ordinary ResNet, for Classifier.load({ model }) and for PyTorch.';
});

/** Shows the result. An error's message says what to do. */
async function tell(work: () => Promise<string>) {
  try {
    answer.textContent = await work();
  } catch (error) {
    answer.textContent = String(error);
  }
}

// A model of your own: any torchvision ResNet, as a safetensors file or a PyTorch checkpoint.

import { Classifier } from 'reslens';

const weights = document.querySelector<HTMLInputElement>('#weights')!;
const picture = document.querySelector<HTMLInputElement>('#picture')!;
const status = document.querySelector<HTMLElement>('#status')!;

let classifier: Classifier | null = null;

weights.onchange = () => tell(async () => {
  const [model] = weights.files ?? [];
  picture.disabled = true;
  await classifier?.dispose();
  classifier = null;
  status.textContent = 'Loading ...';
  classifier = await Classifier.load({ model });
  picture.disabled = false;
  const { architecture, labels, inputSize, parameters } = classifier.model;
  return `${architecture}: ${labels.length} classes, ${inputSize}×${inputSize} pixels, ${parameters} parameters`;
});

picture.onchange = () => tell(async () => {
  const [file] = picture.files ?? [];
  if (!classifier || !file) return 'Choose a picture.';
  const { predictions } = await classifier.classify(file, { topK: 3 });
  return predictions.map(({ label, probability }) => `${label} ${(100 * probability).toFixed(1)} %`).join(', ');
});

/** Shows the result. An error's message says what to do; programs check its name. */
async function tell(work: () => Promise<string>) {
  try {
    status.textContent = await work();
  } catch (error) {
    status.textContent = String(error);
  }
}

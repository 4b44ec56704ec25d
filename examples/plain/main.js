// `reslens/` beside this file is `dist/`, the output of `cargo xtask build`.

import { Classifier } from './reslens/reslens.js';

const picture = document.querySelector('#picture');
const answer = document.querySelector('#answer');

const classifier = await Classifier.load();
answer.textContent = 'Choose a picture.';
picture.disabled = false;

picture.onchange = async () => {
  try {
    const { predictions, abstained } = await classifier.classify(picture.files[0]);
    const [{ label, probability }] = predictions;
    answer.textContent = abstained ? 'not sure' : `${label}, ${Math.round(100 * probability)} %`;
  } catch (error) {
    answer.textContent = String(error);
  }
};

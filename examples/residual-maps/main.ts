// The maps of each block: blue is below zero, red above. In each row the sum is x + F(x).

import { Classifier, type TapMap } from 'reslens';
import { webcam50 } from 'reslens-webcam50';

const picture = document.querySelector<HTMLInputElement>('#picture')!;
const answer = document.querySelector<HTMLElement>('#answer')!;
const blocks = document.querySelector<HTMLElement>('#blocks')!;

const classifier = await Classifier.load({ model: webcam50() });
answer.textContent = 'Choose a picture.';
picture.disabled = false;

picture.onchange = async () => {
  const [file] = picture.files ?? [];
  if (!file) return;
  try {
    // The mean over the channels keeps the sign.
    const { predictions, taps = [] } = await classifier.classify(file, { taps: 'all', reduce: 'mean' });
    answer.textContent = predictions[0].label;
    blocks.replaceChildren(...taps.map(({ block, shortcut, residual, sum }) => row(block, [shortcut, residual, sum])));
  } catch (error) {
    answer.textContent = String(error);
  }
};

function row(block: string, maps: TapMap[]) {
  const row = document.createElement('tr');
  row.insertCell().textContent = block;
  // One scale for the whole row, so that its maps can be compared.
  const largest = Math.max(...maps.flatMap(({ min, max }) => [-min, max]));
  for (const map of maps) row.insertCell().append(paint(map, largest));
  return row;
}

function paint({ width, height, data }: TapMap, largest: number) {
  const canvas = Object.assign(document.createElement('canvas'), { width, height });
  const context = canvas.getContext('2d')!;
  const image = context.createImageData(width, height);
  data.forEach((value, index) => {
    const strength = Math.abs(value) / (largest || 1);
    const faded = 255 * (1 - strength);
    image.data.set(value < 0 ? [faded, faded, 255, 255] : [255, faded, faded, 255], 4 * index);
  });
  context.putImageData(image, 0, 0);
  return canvas;
}

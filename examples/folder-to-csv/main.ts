// Classifies every picture of a folder, one row each. The pictures stay in the browser.

import { Classifier } from 'reslens';
import { webcam50 } from 'reslens-webcam50';

const folder = document.querySelector<HTMLInputElement>('#folder')!;
const progress = document.querySelector<HTMLElement>('#progress')!;
const csv = document.querySelector<HTMLAnchorElement>('#csv')!;
const rows = document.querySelector<HTMLTableElement>('#rows')!;

const classifier = await Classifier.load({ model: webcam50() });
progress.textContent = 'Choose a folder.';
folder.disabled = false;

folder.onchange = async () => {
  const pictures = [...(folder.files ?? [])].filter(({ type }) => type.startsWith('image/'));
  const table = [['file', 'label', 'probability']];
  rows.replaceChildren();
  for (const [index, picture] of pictures.entries()) {
    progress.textContent = `${index + 1} of ${pictures.length}`;
    const row = [picture.webkitRelativePath, ...(await describe(picture))];
    table.push(row);
    const cells = rows.insertRow();
    for (const text of row) cells.insertCell().textContent = text;
  }
  progress.textContent = `${pictures.length} pictures`;
  URL.revokeObjectURL(csv.href);
  csv.href = URL.createObjectURL(new Blob([table.map(line).join('')], { type: 'text/csv' }));
  csv.hidden = false;
};

/** The label and its probability, or the reason why the file cannot be read. */
async function describe(picture: File): Promise<[string, string]> {
  try {
    const { predictions, abstained } = await classifier.classify(picture, { topK: 1 });
    const [{ label, probability }] = predictions;
    return [abstained ? 'not sure' : label, probability.toFixed(3)];
  } catch (error) {
    return [String(error), ''];
  }
}

/** One line of a CSV file: RFC 4180. */
const line = (row: string[]) => `${row.map((text) => `"${text.replaceAll('"', '""')}"`).join(',')}\r\n`;

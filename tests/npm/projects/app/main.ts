// Checks that the types are found; tsc compiles it, nothing runs it.

import { Classifier } from 'reslens';
import { Classifier as Inline } from 'reslens/inline';
import { sha256, webcam50 } from 'reslens-webcam50';
import type { Classification } from 'reslens';

export async function label(source: Blob): Promise<string> {
  await using classifier = await Classifier.load({ model: webcam50() });
  const result: Classification = await classifier.classify(source);
  const inline: typeof Classifier = Inline;
  return classifier.model.sha256 === sha256 && inline ? result.predictions[0].label : '';
}

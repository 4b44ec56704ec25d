// A user's code.

import { Classifier } from 'reslens';
import { webcam50 } from 'reslens-webcam50';
import { tell } from './tell.js';

tell(() => Classifier.load({ model: webcam50(), backend: 'cpu', threads: 2 }));

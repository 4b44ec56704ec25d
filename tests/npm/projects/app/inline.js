// The same for tools that copy no files: the library with its files inline, the model from an address.

import { Classifier } from 'reslens/inline';
import { tell } from './tell.js';

tell(() => Classifier.load({ model: '/reslens/models/webcam50.safetensors', backend: 'cpu', threads: 2 }));

// The same, with files that `npx reslens copy` has put in place.

import { Classifier } from 'reslens';
import { tell } from './tell.js';

tell(() => Classifier.load({ assets: '/reslens/', backend: 'cpu', threads: 2 }));

// The same where `npx reslens copy` has put the files.

import { Classifier } from 'reslens';
import { tell } from './tell.js';

tell(() => Classifier.load({ assets: '/reslens/', backend: 'cpu', threads: 2 }));

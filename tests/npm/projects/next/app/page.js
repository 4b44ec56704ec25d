'use client';

import { useEffect } from 'react';
import { Classifier } from 'reslens';
import { webcam50 } from 'reslens-webcam50';
import { tell } from '../tell.js';

/** Also rendered on the server, where importing the packages must do no harm. */
export default function Page() {
  useEffect(() => {
    tell(() => Classifier.load({ model: webcam50(), backend: 'cpu', threads: 2 }));
  }, []);
  return <p>A page that uses the packages</p>;
}

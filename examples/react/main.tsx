// A component that classifies a chosen file.

import { StrictMode, useState } from 'react';
import { createRoot } from 'react-dom/client';
import type { Prediction } from 'reslens';
import { webcam50 } from 'reslens-webcam50';
import { useClassifier } from './use-classifier.js';

const MODEL = webcam50().href;

function Picture() {
  const { classifier, error } = useClassifier(MODEL);
  const [answer, setAnswer] = useState<Prediction | Error | null>(null);
  if (error) return <p role="alert">{error.message}</p>;
  if (!classifier) return <p>Loading ...</p>;
  const classify = (file: File) =>
    classifier.classify(file).then(({ predictions }) => setAnswer(predictions[0]), setAnswer);
  return (
    <>
      <input type="file" accept="image/*" onChange={({ target }) => target.files?.[0] && classify(target.files[0])} />
      {answer && <p role="status">{answer instanceof Error ? answer.message : answer.label}</p>}
    </>
  );
}

createRoot(document.querySelector('#root')!).render(
  <StrictMode>
    <Picture />
  </StrictMode>,
);

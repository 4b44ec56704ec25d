import { useEffect, useState } from 'react';
import { Classifier } from 'reslens';

interface Loaded {
  classifier: Classifier | null;
  error: Error | null;
}

const NOTHING: Loaded = { classifier: null, error: null };

/**
 * Loads a classifier while the component is mounted. StrictMode mounts a component twice: the first load is then
 * aborted at once.
 */
export function useClassifier(model: string): Loaded {
  const [loaded, setLoaded] = useState(NOTHING);
  useEffect(() => {
    const controller = new AbortController();
    const loading = Classifier.load({ model, signal: controller.signal });
    loading.then(
      (classifier) => controller.signal.aborted || setLoaded({ classifier, error: null }),
      (error) => controller.signal.aborted || setLoaded({ classifier: null, error }),
    );
    return () => {
      controller.abort();
      loading.then((classifier) => classifier.dispose()).catch(() => {}); // aborted: nothing to free
      setLoaded(NOTHING);
    };
  }, [model]);
  return loaded;
}

const isolated = [
  { key: 'Cross-Origin-Opener-Policy', value: 'same-origin' },
  { key: 'Cross-Origin-Embedder-Policy', value: 'require-corp' },
];

export default {
  headers: async () => [{ source: '/:path*', headers: isolated }],
  // Not the folder of a lock file further up.
  turbopack: { root: import.meta.dirname },
};

// How often the tests that look for growth repeat.

/**
 * Returns `usual`, or `soak` in the long run that `cargo xtask test --soak` asks for. What grows once grows each
 * time, so the usual run finds it as well; the long one shows that nothing else does.
 * @param {number} usual
 * @param {number} soak
 */
export const repeats = (usual, soak) => (process.env.RESLENS_SOAK ? soak : usual);

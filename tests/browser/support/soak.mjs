// Repetitions of the tests that look for growth.

/**
 * Returns `usual`, or `soak` in the long run that `cargo xtask test --soak` starts. A leak that shows once shows every
 * time, so the usual run finds it as well; the long one shows that there is no slower leak.
 * @param {number} usual
 * @param {number} soak
 */
export const repeats = (usual, soak) => (process.env.RESLENS_SOAK ? soak : usual);

/**
 * @param {string} version `20.20.1`
 * @returns {boolean} whether it is one that `engines` of package.json allows
 */
export function isSupportedNode(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > 20 || (major === 20 && minor >= 19);
}

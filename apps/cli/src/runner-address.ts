/** The root of a runner's REST front end, whether it was told with or without its scheme. */
export function restBase(rest: string): string {
  return (/^https?:\/\//.test(rest) ? rest : `http://${rest}`).replace(/\/+$/, '')
}

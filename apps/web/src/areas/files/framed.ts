/** A page in a frame may be styled and has what it brings along itself. It runs nothing, asks nobody and sends nothing. */
export const FRAME_POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; base-uri 'none'; form-action 'none'"

/** A foreign page for the `srcdoc` of a frame whose `sandbox` allows nothing. The policy stands before everything that
 *  the page could say. */
export const framed = (html: string): string =>
  `<!doctype html><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${FRAME_POLICY}">${html.replace(/^\uFEFF/, '')}`

/** Where a link in a document may lead; undefined for everything that is no plain address of the web. */
export function safeAddress(address: string): string | undefined {
  const text = address.trim()
  // Browsers ignore such characters, so that `java\nscript:` would be one.
  if (hasControls(text) || !/^(https?:\/\/|mailto:)[^\s]/i.test(text)) return undefined
  return URL.canParse(text) ? text : undefined
}

// oxlint-disable-next-line no-control-regex -- these are the control characters it is about
const hasControls = (text: string) => /[\u0000-\u001f\u007f]/.test(text)

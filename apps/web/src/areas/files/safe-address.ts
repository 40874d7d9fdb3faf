/** Where a link in a document may lead; undefined for everything that is no plain address of the web. */
export function safeAddress(address: string): string | undefined {
  const text = address.trim()
  // Browsers ignore such characters, so that `java\nscript:` would be one.
  if (hasControls(text) || !/^(https?:\/\/|mailto:)[^\s]/i.test(text)) return undefined
  return URL.canParse(text) ? text : undefined
}

// oxlint-disable-next-line no-control-regex -- these are the control characters it is about
const hasControls = (text: string) => /[\u0000-\u001f\u007f]/.test(text)

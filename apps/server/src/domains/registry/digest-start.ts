/** The digest's beginning that a text asks for: `sha256:` and some hexadecimal digits, or at least six of them alone. */
export function digestStart(text: string): string | undefined {
  const [, digits] = /^(?:sha256:(?=.)|(?=.{6}))([0-9a-f]{0,64})$/.exec(text.trim().toLowerCase()) ?? []
  return digits === undefined ? undefined : `sha256:${digits}`
}

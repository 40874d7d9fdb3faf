// Wrong on purpose: a line that no log level, no redaction and no collector ever sees.
export const started = (url: string) => console.log(`serving at ${url}`)

import { nameOf } from './source.ts'

/** Ways to show a file. `packed` is a table that only other tools read; `other` is bytes that nothing here reads. */
export type FileKind =
  | 'empty'
  | 'text'
  | 'json'
  | 'table'
  | 'image'
  | 'pdf'
  | 'html'
  | 'audio'
  | 'video'
  | 'markdown'
  | 'mlmodel'
  | 'notebook'
  | 'packed'
  | 'other'

const TEXTS: Readonly<Record<string, FileKind>> = {
  json: 'json',
  geojson: 'json',
  csv: 'table',
  tsv: 'table',
  html: 'html',
  htm: 'html',
  md: 'markdown',
  markdown: 'markdown',
  ipynb: 'notebook',
}
const BYTES: Readonly<Record<string, FileKind>> = {
  mp3: 'audio',
  wav: 'audio',
  flac: 'audio',
  ogg: 'audio',
  oga: 'audio',
  opus: 'audio',
  m4a: 'audio',
  aac: 'audio',
  mp4: 'video',
  m4v: 'video',
  webm: 'video',
  ogv: 'video',
  mov: 'video',
}

/** How a file is shown, by its name and its first bytes. What the bytes are goes before what the name says: a page that
 *  calls itself an image is text. */
export function kindOf(path: string, head: Uint8Array, size: number | null): FileKind {
  if (size === 0 || head.length === 0) return 'empty'
  const name = nameOf(path)
  const extension = extensionOf(name)
  if (imageTypeOf(path, head) !== undefined) return 'image'
  if (begins(head, '%PDF-')) return 'pdf'
  if (begins(head, 'PAR1')) return 'packed'
  if (!isText(head, size)) return BYTES[extension] ?? 'other'
  if (name === 'MLmodel') return 'mlmodel'
  return TEXTS[extension] ?? 'text'
}

const extensionOf = (name: string) => (name.includes('.') ? name.slice(name.lastIndexOf('.') + 1).toLowerCase() : '')

/** The media type of what a browser can draw, undefined for everything else. */
export function imageTypeOf(path: string, head: Uint8Array): string | undefined {
  if (begins(head, '\x89PNG\r\n\x1a\n')) return 'image/png'
  if (begins(head, '\xff\xd8\xff')) return 'image/jpeg'
  if (begins(head, 'GIF87a') || begins(head, 'GIF89a')) return 'image/gif'
  if (begins(head, 'RIFF') && begins(head.subarray(8), 'WEBP')) return 'image/webp'
  if (begins(head.subarray(4), 'ftypavif')) return 'image/avif'
  const extension = extensionOf(nameOf(path))
  if (extension === 'bmp' && begins(head, 'BM')) return 'image/bmp'
  if (extension === 'svg' && /^\uFEFF?\s*</.test(new TextDecoder().decode(head.subarray(0, 256))))
    return 'image/svg+xml'
  return undefined
}

const begins = (bytes: Uint8Array, text: string) =>
  bytes.length >= text.length && Array.from(text).every((char, at) => bytes[at] === char.charCodeAt(0))

/** UTF-8 with no bytes that text has no use for. The head may end within a character where the file goes on. */
export function isText(head: Uint8Array, size: number | null): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(head, { stream: size === null || size > head.length })
  } catch {
    return false
  }
  return !head.some((byte) => byte < 0x09 || (byte > 0x0d && byte < 0x20 && byte !== 0x1b) || byte === 0x7f)
}

import { basename } from './paths.ts'

/** What MLflow shows as text, whatever a browser would make of it. */
const TEXTS = new Set(
  (
    'txt log err cfg conf cnf cf ini properties prop hocon toml yaml yml xml json js py py3 csv tsv md rst ' +
    'MLmodel MLproject'
  ).split(' '),
)

const TYPES: Readonly<Record<string, string>> = {
  avif: 'image/avif',
  bmp: 'image/bmp',
  gif: 'image/gif',
  ico: 'image/vnd.microsoft.icon',
  jpeg: 'image/jpeg',
  jpg: 'image/jpeg',
  png: 'image/png',
  svg: 'image/svg+xml',
  tif: 'image/tiff',
  tiff: 'image/tiff',
  webp: 'image/webp',
  css: 'text/css',
  htm: 'text/html',
  html: 'text/html',
  xhtml: 'application/xhtml+xml',
  pdf: 'application/pdf',
  ipynb: 'application/x-ipynb+json',
  aac: 'audio/aac',
  flac: 'audio/flac',
  m4a: 'audio/mp4',
  mp3: 'audio/mpeg',
  ogg: 'audio/ogg',
  opus: 'audio/opus',
  wav: 'audio/x-wav',
  m4v: 'video/mp4',
  mov: 'video/quicktime',
  mp4: 'video/mp4',
  ogv: 'video/ogg',
  webm: 'video/webm',
  gz: 'application/gzip',
  tar: 'application/x-tar',
  zip: 'application/zip',
}

/** The type that a file's name suggests. */
export function mediaTypeOf(path: string): string {
  const name = basename(path)
  const dot = name.lastIndexOf('.')
  const extension = dot > 0 ? name.slice(dot + 1) : name
  if (TEXTS.has(extension)) return 'text/plain'
  return TYPES[extension.toLowerCase()] ?? 'application/octet-stream'
}

import { BundlePath, ModelName, Signature } from '@stead/contracts'
import type { Runtime } from '@stead/contracts'
import { say } from '../../strings/message.ts'
import { uploads as words } from '../../strings/uploads.ts'
import type { BundleFile } from './push.ts'

const MOST_FILES = 10_000

/** Files as the command line would take them: hidden ones left out, paths from the folder that was given. */
export function bundleOf(files: readonly BundleFile[]): BundleFile[] {
  const seen = files.filter(({ path }) => !path.split('/').some((part) => part.startsWith('.')))
  const root = seen[0]?.path.split('/')[0] ?? ''
  const isOneFolder = seen.every(({ path }) => path.startsWith(`${root}/`))
  return seen
    .map(({ path, file }) => (isOneFolder ? { path: path.slice(root.length + 1), file, folder: root } : { path, file }))
    .toSorted((a, b) => (a.path < b.path ? -1 : 1))
}

/** From a field for files, or for a folder. */
export const chosenFiles = (list: FileList): BundleFile[] =>
  bundleOf([...list].map((file) => ({ path: file.webkitRelativePath || file.name, file })))

/** What was dropped, folders with all that is in them. Must be called while the event is handled. */
export async function droppedFiles(transfer: DataTransfer): Promise<BundleFile[]> {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry())
  const plain = [...transfer.files].map((file) => ({ path: file.name, file }))
  if (entries.every((entry) => entry === null || entry.isFile)) return bundleOf(plain)
  const found: BundleFile[] = []
  for (const entry of entries) if (entry) await walk(entry, '', found)
  return bundleOf(found)
}

async function walk(entry: FileSystemEntry, prefix: string, found: BundleFile[]): Promise<void> {
  if (entry.name.startsWith('.') || found.length > MOST_FILES) return
  const path = `${prefix}${entry.name}`
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject))
    found.push({ path, file })
    return
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader()
  // A reader gives a part at a time until it has none.
  for (;;) {
    const part = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject))
    if (part.length === 0) return
    for (const one of part) await walk(one, `${path}/`, found)
  }
}

/** Why these files can be no version, in words; undefined when they can. */
export function problemOf(files: readonly BundleFile[], runtime: Runtime | ''): string | undefined {
  if (files.length === 0) return say(words.noFiles)
  if (files.length > MOST_FILES) return say(words.tooMany, { most: MOST_FILES })
  for (const { path } of files) {
    const wrong = BundlePath.safeParse(path).error?.issues[0]?.message
    if (wrong) return say(words.badPath, { path, why: wrong })
  }
  const graphs = files.filter(({ path }) => path.endsWith('.onnx'))
  if (graphs.length > 1 && (runtime === '' || runtime === 'onnx'))
    return say(words.severalGraphs, { count: graphs.length })
  return undefined
}

/** What would run these files, as the server finds it. */
export function runtimeOf(files: readonly BundleFile[]): Runtime | undefined {
  if (files.some(({ path }) => path.endsWith('.onnx'))) return 'onnx'
  return files.some(({ path }) => path === 'index.mjs') ? 'javascript' : undefined
}

/** A signature that lies in the bundle as signature.json. */
export async function signatureIn(files: readonly BundleFile[]): Promise<Signature | undefined> {
  const declared = files.find(({ path }) => path === 'signature.json')
  if (!declared || declared.file.size > 1_000_000) return undefined
  try {
    return Signature.safeParse(JSON.parse(await declared.file.text())).data
  } catch {
    return undefined
  }
}

/** A name for the model from that of its file or folder: `weather-v7.onnx` is of weather. */
export function nameFrom(files: readonly BundleFile[]): string {
  const graph = files.find(({ path }) => path.endsWith('.onnx'))
  const source = (graph ? graph.path.split('/').at(-1) : (files[0]?.folder ?? files[0]?.path)) ?? ''
  const name = source
    .replace(/\.[a-z0-9]{1,6}$/i, '')
    .replace(/[-_. ]?v?\d+$/i, '')
    .trim()
  return name !== 'index' && ModelName.safeParse(name).success ? name : ''
}

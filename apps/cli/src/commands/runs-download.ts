import { defineCommand } from '../command.ts'
import { Failure } from '../failures.ts'
import { showBytes } from '../progress.ts'
import { filesUnder, makeFolder, placeIn, receiveRunFile } from '../run-files.ts'
import { findRunId } from '../runs.ts'
import { size } from '../text.ts'

export const command = defineCommand({
  arguments: ['run', 'path?'],
  options: { to: { takes: 'FOLDER', says: 'Where to put them; the current folder otherwise.' } },
  about: 'A file, a folder, or all files of a run. They keep their paths; what is there already is replaced.',
  examples: ['stead runs download bold-finch-12 model --to here'],
  async run({ arguments: { run: given, path = '' }, options: { to = '.' } }, context) {
    const platform = await context.connect()
    const run = await findRunId(platform, given)
    const files = await filesUnder(platform, run, path.replace(/\/+$/, ''))
    if (files.length === 0) throw new Failure(path === '' ? 'the run has no files' : `the run has no file "${path}"`)
    await makeFolder(to)
    const total = files.reduce((sum, file) => sum + (file.size ?? 0), 0)
    const progress = showBytes(context.terminal, 'receiving', total)
    try {
      for (const file of files) {
        const place = placeIn(to, file.path)
        await receiveRunFile(platform, run, file, place, { progress, url: context.url, terminal: context.terminal })
      }
    } finally {
      progress.end()
    }
    if (context.json) return context.document({ run, folder: to, files: files.map((file) => file.path), size: total })
    context.print(`${files.length === 1 ? 'one file' : `${files.length} files`} in ${to} (${size(total)})`)
  },
})

import { defineCommand } from '../command.ts'
import { filesUnder, listFolder } from '../run-files.ts'
import { findRunId } from '../runs.ts'
import { age, size, table } from '../text.ts'

export const command = defineCommand({
  arguments: ['run', 'folder?'],
  options: { all: { says: 'All files below, and not the folder alone.' } },
  examples: ['stead runs files bold-finch-12', 'stead runs files bold-finch-12 model --all'],
  async run({ arguments: { run: given, folder }, options: { all } }, context) {
    const platform = await context.connect()
    const run = await findRunId(platform, given)
    const files = await (all ? filesUnder : listFolder)(platform, run, folder ?? '')
    if (context.json) return context.document({ run, files })
    if (files.length === 0) return context.note('there is no file')
    const rows = files.map((file) => [
      file.isFolder ? `${file.path}/` : file.path,
      file.size === null ? '' : size(file.size),
      file.updatedAt === null ? '' : age(file.updatedAt, Date.now()),
    ])
    context.print(...table(['FILE', 'SIZE', 'STORED'], rows, context.paint))
  },
})

import { stat } from 'node:fs/promises'
import { unreadable } from '../bundle.ts'
import { defineCommand } from '../command.ts'
import { Failure } from '../failures.ts'
import { showBytes } from '../progress.ts'
import { table } from '../text.ts'
import { uploadBody } from '../upload.ts'

export const command = defineCommand({
  arguments: ['file'],
  options: { replace: { says: 'Replace what the installation holds.' } },
  about: 'All of the archive takes the place of what is there, or nothing changes.',
  examples: ['stead restore stead-2026-01-31.tar --replace'],
  async run({ arguments: { file }, options: { replace } }, context) {
    const facts = await stat(file).catch((cause: unknown) => Promise.reject(unreadable(file, cause)))
    if (!facts.isFile()) throw new Failure(`${file} is no file`)
    const platform = await context.connect()
    const progress = showBytes(context.terminal, 'sending', facts.size)
    const { body, failure } = uploadBody(file, progress.add)
    try {
      const query = { replace: replace ? ('true' as const) : ('false' as const) }
      const restored = await platform.send(
        platform.contracts.restoreInstallation,
        { query },
        { body, size: facts.size },
      )
      progress.end()
      if (context.json) return context.document(restored)
      const rows = Object.entries(restored.tables).map(([name, count]) => [name, `${count}`])
      context.print(
        ...table(['TABLE', 'ROWS'], [...rows, ['artifacts', `${restored.artifacts}`]], context.paint),
        `${file} is in place`,
      )
      for (const { project, name, webhook } of restored.lostSecrets)
        context.note(
          `the secret of the webhook ${name} of ${project} was sealed with a key that is not here; set it again: stead webhooks change ${webhook} --new-secret --project ${project}`,
        )
    } catch (error) {
      progress.end()
      throw failure() ?? error
    }
  },
})

import { exportLog } from '../audit-export.ts'
import { defineCommand } from '../command.ts'
import { size } from '../text.ts'

export const command = defineCommand({
  arguments: [],
  options: {
    to: { takes: 'FILE', required: true, says: 'Where to write it, as JSON lines.' },
    installation: { says: 'The log of the installation, in place of the project’s.' },
  },
  about:
    'The public key, every entry in order and every checkpoint; a checkpoint is set first. FILE appears once it is whole.',
  examples: ['stead audit export --to audit.jsonl', 'stead audit export --installation --to installation.jsonl'],
  async run({ options: { to, installation } }, context) {
    const bytes = await exportLog(await context.connect(), { installation }, to, context)
    if (context.json) return context.document({ file: to, size: bytes })
    context.print(`${to} holds the audit log (${size(bytes)}); check it with: stead audit verify ${to}`)
  },
})

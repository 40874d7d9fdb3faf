import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { exportLog } from '../audit-export.ts'
import { defineCommand } from '../command.ts'

export const command = defineCommand({
  arguments: ['file?'],
  options: {
    installation: { says: 'The log of the installation, in place of the project’s; without FILE only.' },
    key: {
      takes: 'PUBLIC.pem',
      says: 'The public key that must have signed the checkpoints, in place of the one in the log.',
    },
    checkpoints: { takes: 'FILE', says: 'Checkpoints that were kept elsewhere: what they signed must be in the log.' },
  },
  about:
    'Checks an export without any server; without FILE it exports the log first. Names the first entry that was altered, removed, put in, moved or cut off, and leaves with 1.',
  examples: ['stead audit verify audit.jsonl --key public.pem', 'stead audit verify'],
  async run({ arguments: { file }, options: { installation, ...proof } }, context) {
    const { checkLog } = await import('../audit-log.ts')
    const check = async (path: string) => {
      const { chain, entries, head, signed, key } = await checkLog(path, proof)
      if (context.json) return context.document({ whole: true, chain, entries, head, signed, key })
      context.print(
        `the log is whole: ${entries} ${entries === 1 ? 'entry' : 'entries'} of the chain ${chain}, signed up to entry ${signed.sequence} at ${signed.at}`,
      )
      const trusted = proof.key === undefined ? ', the one in the log: compare it with what you know of the server' : ''
      context.note(`the key is ${key}${trusted}`)
    }
    if (file !== undefined) return check(file)
    const aside = await mkdtemp(join(tmpdir(), 'stead-audit-'))
    try {
      const path = join(aside, 'audit.jsonl')
      await exportLog(await context.connect(), { installation }, path, context)
      await check(path)
    } finally {
      await rm(aside, { recursive: true, force: true })
    }
  },
})

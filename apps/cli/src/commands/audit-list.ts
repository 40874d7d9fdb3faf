import type { AuditEntry } from '@stead/contracts'
import { defineCommand } from '../command.ts'
import { plain } from '../text.ts'

export const command = defineCommand({
  arguments: [],
  options: {
    limit: { takes: 'N', number: { whole: true, min: 1, max: 500 }, says: 'The most entries to show; 50 if not said.' },
    before: { takes: 'N', number: { whole: true, min: 1 }, says: 'Only entries before this one.' },
    actor: { takes: 'NAME', says: 'Only what this one did.' },
    act: { takes: 'ACT', says: 'Only of this noun or act: `deployment`, `deployment.swapped`.' },
    subject: { takes: 'NAME', says: 'Only of this thing, and what belongs to it.' },
    outcome: { takes: 'OUTCOME', oneOf: ['done', 'denied'], says: 'Only what was done, or only what was denied.' },
    from: { takes: 'TIME', says: 'Only since then, like 2026-01-31T12:00:00Z.' },
    until: { takes: 'TIME', says: 'Only before then.' },
    installation: { says: 'The log of the installation, in place of the project’s.' },
  },
  examples: ['stead audit list --subject forecast', 'stead audit list --outcome denied --installation'],
  async run({ options: { installation, limit, ...filter } }, context) {
    const platform = await context.connect()
    const { listAudit, listInstallationAudit } = platform.contracts
    const given = Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined))
    const query = { limit: limit ?? 50, ...given }
    const page = installation
      ? await platform.call(listInstallationAudit, { query })
      : await platform.call(listAudit, { query })
    if (context.json) return context.document(page)
    for (const entry of page.entries.toReversed()) context.print(lineOf(entry, context.paint))
    const { verified, broken } = page
    if (broken) context.note(context.paint.red(`the log is broken: entry ${broken.sequence}: ${plain(broken.why)}`))
    else if (verified) context.note(`whole up to entry ${verified.sequence}, signed at ${verified.at}`)
  },
})

function lineOf(entry: AuditEntry, paint: { dim(text: string): string; red(text: string): string }): string {
  const { sequence, at, outcome, act, subject, actor, reason, times } = entry
  const denied = outcome === 'denied' ? `  ${paint.red(times > 1 ? `denied ${times} times` : 'denied')}` : ''
  const why = reason === '' ? '' : `  ${paint.dim(plain(reason))}`
  return `${paint.dim(`${sequence}  ${at}`)}  ${plain(act).padEnd(22)}  ${plain(subject)}  by ${plain(actor)}${denied}${why}`
}

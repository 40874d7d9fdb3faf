import { leave } from './import-parts.ts'
import type { ImportParts } from './import-parts.ts'
import { MlflowRefusal, pagesOf } from './mlflow-client.ts'
import type { MlflowWebhook } from './mlflow-documents.ts'

/** Webhooks, which no server tells the secrets of: they tell nobody anything until somebody has set a secret and enabled
 *  them. */
export async function importWebhooks(parts: ImportParts): Promise<void> {
  const { source, target, journal, summary } = parts
  const there = await listIn(source)
  if (there.length === 0) return
  const here = new Set((await listIn(target)).map(keyOf))
  for (const webhook of there) {
    const { webhook_id: id, name, description = '', url, events = [] } = webhook
    try {
      if (journal.has('webhook', id)) {
        summary.known.webhook += 1
        continue
      }
      if (!here.has(keyOf(webhook)))
        await target.call('POST', 'webhooks', { name, description, url, events, status: 'DISABLED' })
      await journal.done('webhook', id)
      summary.taken.webhook += 1
      const because = 'it is here, but disabled and without its secret, which no server tells: set one and enable it'
      summary.left.push({ what: 'webhook', name, because })
    } catch (error) {
      leave(parts, 'webhook', name, error)
    }
  }
}

const keyOf = ({ name, url }: MlflowWebhook) => JSON.stringify([name, url])

/** Older servers have none, and of others only their owners may know. */
async function listIn(server: ImportParts['source']): Promise<MlflowWebhook[]> {
  const found: MlflowWebhook[] = []
  try {
    const pages = pagesOf<MlflowWebhook>((page) => server.call('GET', 'webhooks', page), 'webhooks')
    for await (const webhook of pages) found.push(webhook)
  } catch (error) {
    if (!(error instanceof MlflowRefusal)) throw error
  }
  return found
}

import { lookup } from 'node:dns/promises'
import type { Clock, Log } from '@stead/chassis'
import type { Kysely } from 'kysely'
import type { ServerConfig } from './config.ts'
import type { Tables } from './database/tables.ts'
import type { Events } from './domains/events/events.ts'
import type { Projects } from './domains/projects/projects.ts'
import { objectionTo } from './domains/webhooks/address.ts'
import { createDeliveries } from './domains/webhooks/deliveries.ts'
import { sqlDeliveryStore } from './domains/webhooks/deliveries.sql.ts'
import { createSending } from './domains/webhooks/sending.ts'
import { openSecretSealing } from './domains/webhooks/webhook-key.files.ts'
import { serveWebhooks as serveWebhooksNatively } from './domains/webhooks/webhooks.http.ts'
import { serveWebhooksToMlflow } from './domains/webhooks/webhooks.mlflow.ts'
import { sqlWebhookStore } from './domains/webhooks/webhooks.sql.ts'
import { createWebhooks, type Webhooks } from './domains/webhooks/webhooks.ts'
import type { Mount } from './http/mount.ts'
import type { MlflowMount } from './mlflow/mount.ts'

export interface WebhookWiring {
  readonly config: Pick<ServerConfig, 'home' | 'isExposed' | 'isProxied'>
  readonly kysely: Kysely<Tables>
  readonly mount: Mount
  readonly mlflow: MlflowMount
  readonly projects: Projects
  readonly publish: Events['publish']
  readonly clock: Clock
  readonly log: Log
}

/** Who is told of what happens, and the telling, which goes on until the signal aborts. */
export async function serveWebhooks({
  config,
  kysely,
  mount,
  mlflow,
  projects,
  publish,
  clock,
  log,
}: WebhookWiring): Promise<{ run(signal: AbortSignal): Promise<void>; lostSecrets: Webhooks['lostSecrets'] }> {
  const mayBeLoopback = !config.isExposed && !config.isProxied
  const sealing = await openSecretSealing(config.home)
  const store = sqlDeliveryStore(kysely)
  const ended = new AbortController()
  const send = createSending({
    sealing,
    clock,
    allow: mayBeLoopback ? ['loopback'] : [],
    signal: ended.signal,
  })
  const deliveries = createDeliveries({
    store,
    send,
    clock,
    dice: Math.random,
    onFailure: (error) => log.warn({ err: error }, 'webhooks could not be told'),
  })
  const webhooks = createWebhooks({
    store: sqlWebhookStore(kysely),
    deliveries: store,
    sealing,
    projects,
    objection: (url) => objectionTo(url, { mayBeLoopback, resolve: (name) => lookup(name, { all: true }) }),
    send,
    onDue: deliveries.nudge,
    clock,
    publish,
  })
  serveWebhooksNatively(mount, webhooks)
  serveWebhooksToMlflow(mlflow, webhooks)
  return {
    lostSecrets: webhooks.lostSecrets,
    async run(signal) {
      signal.addEventListener('abort', () => ended.abort(signal.reason), { once: true })
      await deliveries.run(signal)
    },
  }
}

import {
  changeConsumer,
  createConsumer,
  createConsumerKey,
  deleteConsumer,
  listConsumers,
  readUsage,
  revokeConsumerKey,
} from '@stead/contracts'
import type { Mount } from '../../http/mount.ts'
import type { Consumers } from './consumers.ts'

export function serveConsumers(mount: Mount, consumers: Consumers): void {
  mount(listConsumers, async ({ params }) => ({ consumers: await consumers.list(params.project) }))
  mount(createConsumer, ({ params, body }, { actor }) => consumers.create(params.project, body, actor))
  mount(changeConsumer, ({ params, body }, { actor }) => consumers.change(params, body, actor))
  mount(deleteConsumer, ({ params }, { actor }) => consumers.remove(params, actor))
  mount(createConsumerKey, ({ params, body }, { actor }) => consumers.createKey(params, body, actor))
  mount(revokeConsumerKey, ({ params }, { actor }) => consumers.revokeKey(params, params.key, actor))
  mount(readUsage, async ({ params, query }) => ({ points: await consumers.usage(params, query) }))
}

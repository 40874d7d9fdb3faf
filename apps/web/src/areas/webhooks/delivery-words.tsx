import type { Delivery, DeliveryAttempt, ListedWebhook } from '@stead/contracts'
import { say } from '../../strings/message.ts'
import { webhooks as words } from '../../strings/webhooks.ts'
import { StateWord } from '../../ui/state-mark.tsx'
import { clockTime } from '../../ui/time.tsx'

/** What came of one attempt, in words. */
export const resultOf = ({ status, error, took }: DeliveryAttempt): string =>
  status === null ? (error ?? words.noAnswer) : say(words.answered, { status: String(status), took })

export function WebhookState({ status, isSecretLost }: Pick<ListedWebhook, 'status' | 'isSecretLost'>) {
  if (isSecretLost) return <StateWord is="failed">{words.secretLostShort}</StateWord>
  return status === 'ACTIVE' ? (
    <StateWord is="serving">{words.active}</StateWord>
  ) : (
    <StateWord is="off">{words.disabled}</StateWord>
  )
}

export function DeliveryState({ state, attempts, nextAt }: Pick<Delivery, 'state' | 'attempts' | 'nextAt'>) {
  if (state === 'delivered') return <StateWord is="passed">{words.states.delivered}</StateWord>
  if (state === 'failed') return <StateWord is="failed">{words.states.failed}</StateWord>
  return attempts === 0 || nextAt === null ? (
    <StateWord is="waiting">{words.states.waiting}</StateWord>
  ) : (
    <StateWord is="attention">{say(words.states.trying, { time: clockTime(nextAt) })}</StateWord>
  )
}

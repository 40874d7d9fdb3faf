import { WEBHOOK_EVENTS } from '@stead/contracts'
import type { WebhookEvent } from '@stead/contracts'
import { say } from '../../strings/message.ts'
import { eventSays, webhooks as words } from '../../strings/webhooks.ts'
import { Tick } from '../../ui/field.tsx'
import css from './webhooks.module.css'

const GROUPS = [
  { label: words.groups.models, events: WEBHOOK_EVENTS.filter((event) => !event.startsWith('prompt')) },
  { label: words.groups.prompts, events: WEBHOOK_EVENTS.filter((event) => event.startsWith('prompt')) },
] as const

/** What a webhook is told of, by the names that MLflow gives it. */
export function EventsField({
  value,
  error,
  onChange,
}: {
  value: readonly WebhookEvent[]
  error: string | undefined
  onChange: (events: WebhookEvent[]) => void
}) {
  // In the order of the contract, however they were ticked.
  const put = (events: readonly WebhookEvent[], isOn: boolean) =>
    onChange(WEBHOOK_EVENTS.filter((event) => (events.includes(event) ? isOn : value.includes(event))))
  return (
    <fieldset className={css.events}>
      <legend>{words.events}</legend>
      {GROUPS.map(({ label, events }) => (
        <div key={label} className={css.group}>
          <Tick
            checked={events.every((event) => value.includes(event))}
            onChange={(isOn) => put(events, isOn)}
            aria-label={say(words.allOf, { group: label })}
          >
            <b>{label}</b>
          </Tick>
          {events.map((event) => (
            <Tick key={event} checked={value.includes(event)} onChange={(isOn) => put([event], isOn)}>
              <span className="wrap">
                <code>{event}</code> <span className="dim">{eventSays[event]}</span>
              </span>
            </Tick>
          ))}
        </div>
      ))}
      {error !== undefined && (
        <p className={css.error} role="alert">
          {error}
        </p>
      )}
    </fieldset>
  )
}

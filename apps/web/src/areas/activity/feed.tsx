import type { Event } from '@stead/contracts'
import { Ago } from '../../ui/time.tsx'
import css from './feed.module.css'
import { tellEvent } from './happening.tsx'

/** Events as a list of sentences, newest first. */
export function Feed({ events }: { events: readonly Event[] }) {
  return (
    <ol className={css.feed}>
      {events.map((event) => {
        const { icon: Icon, sentence, detail } = tellEvent(event)
        return (
          <li key={event.sequence} className={css.item}>
            <Icon size={14} />
            <div className="wrap">
              {sentence}
              {detail !== undefined && <small className={css.detail}>{detail}</small>}
            </div>
            <span className={css.when}>
              <Ago at={event.at} />
            </span>
          </li>
        )
      })}
    </ol>
  )
}

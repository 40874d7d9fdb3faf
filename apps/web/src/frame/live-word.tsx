import { useLiveState } from '../live/live.tsx'
import { frame } from '../strings/frame.ts'
import { say } from '../strings/message.ts'
import { clockTime } from '../ui/time.tsx'
import { Tip } from '../ui/tip.tsx'
import { Banner } from '../ui/waiting.tsx'
import css from './live-word.module.css'

/** Whether what is on the screen is true now. Changes are heard, beats are not. */
export function LiveWord() {
  const { live, since } = useLiveState()
  const words =
    live === undefined ? frame.connecting : live ? frame.live : say(frame.notLive, { time: clockTime(since) })
  return (
    <Tip says={words} side="right">
      <span role="status" className={`${css.word} ${live === false ? css.stale : ''}`} data-live={live ?? 'unknown'}>
        <span>{words}</span>
      </span>
    </Tip>
  )
}

/** Above every page while the server is away. */
export function StaleBanner() {
  const { live, since } = useLiveState()
  if (live !== false) return null
  return (
    <div className={css.banner}>
      <Banner is="attention">{say(frame.serverAway, { time: clockTime(since) })}</Banner>
    </div>
  )
}

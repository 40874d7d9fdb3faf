import { useCallback, useState } from 'react'
import { files as words } from '../../strings/files.ts'
import { say } from '../../strings/message.ts'
import { Empty } from '../../ui/waiting.tsx'
import { DownloadLink } from './download-link.tsx'
import css from './files.module.css'
import type { ViewProps } from './source.ts'

/** Sound. The browser fetches the parts that it plays. */
export function AudioView(props: ViewProps) {
  const [failed, watch] = useFailure()
  if (failed) return <Unplayable {...props} />
  return (
    <div className={css.media}>
      {/* oxlint-disable-next-line jsx-a11y/media-has-caption -- files of a run have none */}
      <audio
        controls
        preload="metadata"
        src={props.source.url(props.path)}
        aria-label={say(words.content, { path: props.path })}
        {...watch}
      />
    </div>
  )
}

/** A film. The browser fetches the parts that it plays. */
export function VideoView(props: ViewProps) {
  const [failed, watch] = useFailure()
  if (failed) return <Unplayable {...props} />
  return (
    <div className={css.media}>
      {/* oxlint-disable-next-line jsx-a11y/media-has-caption -- files of a run have none */}
      <video
        controls
        playsInline
        preload="metadata"
        src={props.source.url(props.path)}
        aria-label={say(words.content, { path: props.path })}
        {...watch}
      />
    </div>
  )
}

/** Bytes may fail before React hears of it: the element begins to load before it is in the page. */
function useFailure() {
  const [failed, setFailed] = useState(false)
  const onError = useCallback(() => setFailed(true), [])
  const ref = useCallback((media: HTMLMediaElement | null) => {
    if (media?.error) setFailed(true)
  }, [])
  return [failed, { ref, onError }] as const
}

const Unplayable = (props: ViewProps) => (
  <Empty title={words.mediaFailed} says={words.mediaFailedSays} act={<DownloadLink {...props} />} />
)

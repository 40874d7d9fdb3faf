import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { files as words } from '../../strings/files.ts'
import { say } from '../../strings/message.ts'
import { Segmented } from '../../ui/segmented.tsx'
import { Empty } from '../../ui/waiting.tsx'
import { DownloadLink } from './download-link.tsx'
import css from './files.module.css'
import { imageTypeOf } from './kind.ts'
import { wholeQuery } from './source.ts'
import type { ViewProps } from './source.ts'
import { useBytes } from './use-bytes.ts'
import { Whole } from './whole.tsx'

const LARGEST = 64 << 20

/** A picture. Nothing in it runs, not even in a drawing: it is never more than the source of an image. */
export function ImageView(props: ViewProps) {
  const reading = useQuery(wholeQuery(props, 'image', LARGEST, (bytes) => bytes))
  return (
    <Whole of={reading} file={props}>
      {(bytes) => <Picture bytes={bytes} file={props} />}
    </Whole>
  )
}

function Picture({ bytes, file }: { bytes: Uint8Array<ArrayBuffer>; file: ViewProps }) {
  const picture = useBytes<HTMLImageElement>(bytes, imageTypeOf(file.path, file.head) ?? 'image/png')
  const [size, setSize] = useState<{ width: number; height: number } | 'unreadable'>()
  const [fits, setFits] = useState<'fit' | 'actual'>('fit')
  if (size === 'unreadable')
    return <Empty title={words.imageFailed} says={words.imageFailedSays} act={<DownloadLink {...file} />} />
  return (
    <>
      <div className={css.bar}>
        {size && <span className="dim num">{say(words.imageSize, size)}</span>}
        <Segmented
          label={words.how}
          value={fits}
          options={[
            { value: 'fit', label: words.fit },
            { value: 'actual', label: words.actual },
          ]}
          onChange={setFits}
        />
      </div>
      <div className={css.stage} tabIndex={0} role="region" aria-label={say(words.content, { path: file.path })}>
        <img
          ref={picture}
          alt={say(words.picture, { path: file.path })}
          className={fits === 'fit' ? css.fit : css.actual}
          onLoad={({ currentTarget: { naturalWidth, naturalHeight } }) =>
            setSize({ width: naturalWidth, height: naturalHeight })
          }
          onError={() => setSize('unreadable')}
        />
      </div>
    </>
  )
}

import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { files as words } from '../../strings/files.ts'
import { say } from '../../strings/message.ts'
import { bytes } from '../../ui/numbers.ts'
import { Segmented } from '../../ui/segmented.tsx'
import { Document } from './blocks.tsx'
import css from './files.module.css'
import { readMarkdown } from './markdown.ts'
import { textOf, wholeQuery } from './source.ts'
import type { ViewProps } from './source.ts'
import { TextView } from './text-view.tsx'
import { AsText, Whole } from './whole.tsx'

const LARGEST = 1 << 20

/** A document as it is meant to be read, or as it is written. */
export function MarkdownView(props: ViewProps) {
  const isLarge = props.size !== null && props.size > LARGEST
  const reading = useQuery({
    ...wholeQuery(props, 'markdown', LARGEST, (read) => readMarkdown(textOf(read))),
    enabled: !isLarge,
  })
  const [how, setHow] = useState<'read' | 'source'>('read')
  if (isLarge) return <AsText file={props} why={say(words.largeAsText, { limit: bytes(LARGEST) })} />
  return (
    <>
      <div className={css.bar}>
        <Segmented
          label={words.how}
          value={how}
          options={[
            { value: 'read', label: words.asRead },
            { value: 'source', label: words.asSource },
          ]}
          onChange={setHow}
        />
      </div>
      {how === 'source' ? (
        <TextView {...props} />
      ) : (
        <Whole of={reading} file={props}>
          {(blocks) => (
            <div className="pad">
              <Document blocks={blocks} />
            </div>
          )}
        </Whole>
      )}
    </>
  )
}

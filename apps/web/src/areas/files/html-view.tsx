import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { files as words } from '../../strings/files.ts'
import { say } from '../../strings/message.ts'
import { Segmented } from '../../ui/segmented.tsx'
import css from './files.module.css'
import { Frame } from './frame.tsx'
import { textOf, wholeQuery } from './source.ts'
import type { ViewProps } from './source.ts'
import { TextView } from './text-view.tsx'
import { Whole } from './whole.tsx'

/** Reports bring whole libraries along. */
const LARGEST = 64 << 20

/** A page in a frame that reaches nothing, or its source. */
export function HtmlView(props: ViewProps) {
  const reading = useQuery(wholeQuery(props, 'page', LARGEST, textOf))
  const [how, setHow] = useState<'page' | 'source'>('page')
  return (
    <>
      <div className={css.bar}>
        <Segmented
          label={words.how}
          value={how}
          options={[
            { value: 'page', label: words.asPage },
            { value: 'source', label: words.asSource },
          ]}
          onChange={setHow}
        />
        {how === 'page' && <small className="faint">{words.frameSays}</small>}
      </div>
      {how === 'source' ? (
        <TextView {...props} />
      ) : (
        <Whole of={reading} file={props}>
          {(html) => <Frame html={html} title={say(words.frame, { path: props.path })} className={css.frame ?? ''} />}
        </Whole>
      )}
    </>
  )
}

import { useQuery } from '@tanstack/react-query'
import { files as words } from '../../strings/files.ts'
import { say } from '../../strings/message.ts'
import { Empty } from '../../ui/waiting.tsx'
import { Document } from './blocks.tsx'
import { Frame } from './frame.tsx'
import { imageTypeOf } from './kind.ts'
import { readNotebook } from './notebook.ts'
import type { Cell, Output } from './notebook.ts'
import css from './notebook.module.css'
import { textOf, wholeQuery } from './source.ts'
import type { ViewProps } from './source.ts'
import { useBytes } from './use-bytes.ts'
import { AsText, tried, Whole } from './whole.tsx'

const LARGEST = 32 << 20

/** A notebook as it was left: nothing of it is run again. */
export function NotebookView(props: ViewProps) {
  const reading = useQuery(wholeQuery(props, 'notebook', LARGEST, (read) => tried(() => readNotebook(textOf(read)))))
  return (
    <Whole of={reading} file={props}>
      {(read) =>
        read.is === 'unfit' ? (
          <AsText file={props} why={say(words.noNotebook, { why: read.why })} />
        ) : read.content.cells.length === 0 ? (
          <Empty title={words.noCells} />
        ) : (
          <div className={css.cells}>
            {read.content.cells.map((cell, index) => (
              <OneCell key={index} cell={cell} number={index + 1} />
            ))}
          </div>
        )
      }
    </Whole>
  )
}

function OneCell({ cell, number }: { cell: Cell; number: number }) {
  if (cell.is === 'markdown')
    return (
      <div className={css.cell}>
        <Document blocks={cell.blocks} />
      </div>
    )
  if (cell.is === 'raw')
    return (
      <div className={css.cell}>
        <pre className={css.plain}>{cell.text}</pre>
      </div>
    )
  return (
    <div className={css.cell}>
      <small className={css.count}>
        {cell.count === null ? words.cellNotRun : say(words.cellCount, { count: String(cell.count) })}
      </small>
      <pre className={css.code} tabIndex={0} role="region" aria-label={say(words.cell, { number })}>
        {cell.text}
      </pre>
      {cell.outputs.map((output, index) => (
        <OneOutput key={index} output={output} number={number} nth={index + 1} />
      ))}
    </div>
  )
}

function OneOutput({ output, number, nth }: { output: Output; number: number; nth: number }) {
  const label = say(words.result, { number, nth })
  switch (output.is) {
    case 'text':
      return (
        <pre
          className={`${css.plain} ${output.isError ? css.aside : ''}`}
          tabIndex={0}
          role="region"
          aria-label={label}
        >
          {output.text}
        </pre>
      )
    case 'error':
      return (
        <pre className={`${css.plain} ${css.error}`} tabIndex={0} role="region" aria-label={label}>
          <strong>
            {output.name}: {output.says}
          </strong>
          {`\n${output.trace}`}
        </pre>
      )
    case 'image':
      return <Picture output={output} number={number} />
    case 'page':
      return <Frame html={output.html} title={label} className={css.page ?? ''} />
    case 'markdown':
      return <Document blocks={output.blocks} />
    case 'other':
      return (
        <p className="faint wrap">
          {output.type === '' ? words.resultEmpty : say(words.resultOther, { type: output.type })}
        </p>
      )
  }
}

function Picture({ output, number }: { output: Extract<Output, { is: 'image' }>; number: number }) {
  const type = output.isSvg ? 'image/svg+xml' : (imageTypeOf('', output.bytes) ?? 'image/png')
  const picture = useBytes<HTMLImageElement>(output.bytes, type)
  return <img ref={picture} alt={say(words.resultPicture, { number })} className={css.picture} />
}

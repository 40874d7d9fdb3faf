import { createElement, Fragment } from 'react'
import type { ReactNode } from 'react'
import css from './blocks.module.css'
import type { Inline } from './markdown-inline.ts'
import type { Block } from './markdown.ts'

/** A document of Markdown, made of elements: nothing of it becomes HTML of the page. */
export const Document = ({ blocks }: { blocks: readonly Block[] }) => (
  <div className={css.document}>{shown(blocks)}</div>
)

const shown = (blocks: readonly Block[]): ReactNode =>
  blocks.map((block, index) => <Fragment key={index}>{elementOf(block)}</Fragment>)

function elementOf(block: Block): ReactNode {
  switch (block.is) {
    case 'heading':
      // The page has its own first and second headings.
      return createElement(`h${Math.min(block.level + 2, 6)}`, { 'data-level': block.level }, words(block.inline))
    case 'paragraph':
      return <p>{words(block.inline)}</p>
    case 'code':
      return <pre tabIndex={0}>{block.text}</pre>
    case 'quote':
      return <blockquote>{shown(block.blocks)}</blockquote>
    case 'rule':
      return <hr />
    case 'list':
      return createElement(
        block.start === undefined ? 'ul' : 'ol',
        block.start === undefined ? {} : { start: block.start },
        block.items.map((item, index) => <li key={index}>{shown(item)}</li>),
      )
    case 'table':
      return <TableOf rows={block.rows} />
  }
}

function TableOf({ rows: [head = [], ...rows] }: Pick<Extract<Block, { is: 'table' }>, 'rows'>) {
  return (
    <div className={css.table}>
      <table>
        <thead>
          <tr>
            {head.map((cell, index) => (
              <th key={index} scope="col">
                {words(cell)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, index) => (
            <tr key={index}>
              {row.map((cell, column) => (
                <td key={column}>{words(cell)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

const words = (inline: readonly Inline[]): ReactNode =>
  inline.map((one, index) => <Fragment key={index}>{wordOf(one)}</Fragment>)

function wordOf(inline: Inline): ReactNode {
  switch (inline.is) {
    case 'text':
      return inline.text
    case 'code':
      return <code>{inline.text}</code>
    case 'strong':
      return <strong>{words(inline.inline)}</strong>
    case 'emphasis':
      return <em>{words(inline.inline)}</em>
    case 'struck':
      return <s>{words(inline.inline)}</s>
    case 'break':
      return <br />
    case 'link':
      return inline.to === undefined ? (
        <span>{words(inline.inline)}</span>
      ) : (
        <a className="link wrap" href={inline.to} target="_blank" rel="noopener noreferrer nofollow">
          {words(inline.inline)}
        </a>
      )
  }
}

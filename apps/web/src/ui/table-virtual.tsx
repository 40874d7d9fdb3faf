import { useWindowVirtualizer } from '@tanstack/react-virtual'
import { useEffect, useLayoutEffect, useState } from 'react'
import { OneRow, rowProps } from './table-row.tsx'
import type { BodyProps } from './table.tsx'
import css from './table.module.css'

const SIGHT_MS = 150

/** The body of a long table: only the rows that are in sight, and room for the others. */
export function VirtualBody<Row>({ body, onEnd, ...props }: BodyProps<Row>) {
  const { rows, rowHeight = 34, onSight } = props
  const [top, setTop] = useState(0)
  useLayoutEffect(() => {
    if (body.current) setTop(body.current.getBoundingClientRect().top + window.scrollY)
  }, [body])
  const virtual = useWindowVirtualizer({
    count: rows.length,
    estimateSize: () => rowHeight,
    overscan: 12,
    scrollMargin: top,
  })
  const items = virtual.getVirtualItems()
  const last = items.at(-1)?.index ?? 0
  useLayoutEffect(() => {
    if (last >= rows.length - 20) onEnd?.()
  }, [last, rows.length, onEnd])
  const first = items[0]?.index ?? 0
  useEffect(() => {
    const timer = setTimeout(() => onSight?.(rows.slice(first, last + 1)), SIGHT_MS)
    return () => clearTimeout(timer)
  }, [onSight, rows, first, last])
  const before = (items[0]?.start ?? top) - top
  const after = virtual.getTotalSize() - ((items.at(-1)?.end ?? top) - top)
  return (
    <tbody ref={body}>
      {before > 0 && <Spacer height={before} />}
      {items.map(({ index }) => {
        const row = rows[index]!
        return (
          <OneRow
            key={props.keyOf(row)}
            row={row}
            index={index}
            measure={virtual.measureElement}
            {...rowProps(props)}
          />
        )
      })}
      {after > 0 && <Spacer height={after} />}
    </tbody>
  )
}

const Spacer = ({ height }: { height: number }) => <tr aria-hidden className={css.spacer} style={{ height }} />

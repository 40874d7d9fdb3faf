import { useState } from 'react'
import css from './list-tools.module.css'
import { SearchBox } from './search-box.tsx'
import { Segmented } from './segmented.tsx'

interface ListToolsProps<T extends string> {
  readonly search: string
  /** What is looked for, as the address says it. */
  readonly q: string
  readonly onSearch: (q: string | undefined) => void
  readonly show: string
  readonly shown: T
  readonly options: readonly { readonly value: T; readonly label: string }[]
  readonly onShow: (part: T) => void
}

/** Above a list: what is looked for in it, and which part of it is shown. */
export function ListTools<T extends string>({ search, q, onSearch, show, shown, options, onShow }: ListToolsProps<T>) {
  const [text, setText] = useState(q)
  const [known, setKnown] = useState(q)
  // Going back in the browser brings back what was looked for.
  if (known !== q) {
    setKnown(q)
    setText(q)
  }
  return (
    <div className={css.tools}>
      <SearchBox
        label={search}
        value={text}
        onChange={setText}
        onSettled={(wanted) => onSearch(wanted.trim() || undefined)}
      />
      <Segmented label={show} value={shown} options={options} onChange={onShow} />
    </div>
  )
}

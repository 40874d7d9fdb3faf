import { useQueries } from '@tanstack/react-query'
import type { UseQueryResult } from '@tanstack/react-query'
import { ChevronDown, ChevronRight, File, Folder, FolderOpen } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import type { KeyboardEvent, RefObject } from 'react'
import { files as words } from '../../strings/files.ts'
import { say } from '../../strings/message.ts'
import { bytes } from '../../ui/numbers.ts'
import css from './files.module.css'
import { folderOf, listQuery } from './source.ts'
import type { FileEntry, FileSource } from './source.ts'
import { AT_ONCE, foldersAbove, treeRows } from './tree-rows.ts'
import type { Listing, TreeRow } from './tree-rows.ts'

/** The files and folders. A folder is read when it is opened; the arrow keys go through what is open. */
export function FileTree({
  source,
  shown,
  onShow,
}: {
  source: FileSource
  shown: string | undefined
  onShow: (path: string) => void
}) {
  const tree = useRef<HTMLDivElement>(null)
  const [open, toggle] = useOpen(shown)
  const [most, setMost] = useState<ReadonlyMap<string, number>>(new Map())
  const [focused, setFocused] = useState<string>()
  const { listings, readAgain } = useListings(source, open)
  const rows = treeRows(listings, open, most)
  useInSight(
    tree,
    rows.findIndex((row) => row.is === 'file' && row.path === shown),
    shown,
  )
  const entered = rows.find((row) => idOf(row) === focused) ?? rows.find(({ path }) => path === shown) ?? rows[0]!
  const act = (row: TreeRow) => {
    if (row.is === 'file') onShow(row.path)
    if (row.is === 'folder') toggle(row.path)
    if (row.is === 'failed') readAgain(row.path)
    if (row.is === 'more') setMost(new Map(most).set(row.path, (most.get(row.path) ?? AT_ONCE) + AT_ONCE))
  }
  const go = (row: TreeRow | undefined) => {
    if (!row) return
    setFocused(idOf(row))
    tree.current?.querySelectorAll<HTMLElement>('[role=treeitem]')[rows.indexOf(row)]?.focus()
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const key = KEYS[event.key]
    if (!key) return
    event.preventDefault()
    const at = rows.indexOf(entered)
    if (key === 'act') act(entered)
    else if (key === 'in' && entered.is === 'folder' && !entered.isOpen) toggle(entered.path)
    else if (key === 'out' && entered.isOpen) toggle(entered.path)
    else if (key === 'out') go(rows.find((row) => row.is === 'folder' && row.path === aboveOf(entered)))
    else go(rows[{ down: at + 1, in: at + 1, up: at - 1, first: 0, last: rows.length - 1 }[key]])
  }
  return (
    <div ref={tree} role="tree" aria-label={words.files} className={css.tree} tabIndex={-1} onKeyDown={onKeyDown}>
      {rows.map((row) => (
        <Row
          key={idOf(row)}
          row={row}
          isShown={row.is === 'file' && row.path === shown}
          isEntered={row === entered}
          onAct={() => {
            setFocused(idOf(row))
            act(row)
          }}
        />
      ))}
    </div>
  )
}

const KEYS: Readonly<Record<string, 'down' | 'up' | 'in' | 'out' | 'first' | 'last' | 'act'>> = {
  ArrowDown: 'down',
  ArrowUp: 'up',
  ArrowRight: 'in',
  ArrowLeft: 'out',
  Home: 'first',
  End: 'last',
  Enter: 'act',
  ' ': 'act',
}

const idOf = ({ is, path }: TreeRow) => (is === 'folder' || is === 'file' ? `entry ${path}` : `note ${path}`)
const isEntry = ({ is }: TreeRow) => is === 'folder' || is === 'file'
const aboveOf = (row: TreeRow) => (isEntry(row) ? folderOf(row.path) : row.path)

/** The file that is shown is in sight of the tree when it is chosen elsewhere, and when its folder has been read. */
function useInSight(tree: RefObject<HTMLElement | null>, at: number, shown: string | undefined): void {
  const isThere = at >= 0
  useEffect(() => {
    const row = tree.current?.querySelector<HTMLElement>('[aria-selected=true]')
    if (!row || !tree.current) return
    const { scrollTop, clientHeight } = tree.current
    const isIn = row.offsetTop >= scrollTop && row.offsetTop + row.offsetHeight <= scrollTop + clientHeight
    if (!isIn) tree.current.scrollTo({ top: row.offsetTop - clientHeight / 2 })
  }, [tree, isThere, shown])
}

/** Which folders stand open: those that a person opened, and those above what is shown. */
function useOpen(shown: string | undefined): [ReadonlySet<string>, (path: string) => void] {
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set(shown === undefined ? [] : foldersAbove(shown)))
  const [seen, setSeen] = useState(shown)
  if (seen !== shown) {
    setSeen(shown)
    if (shown !== undefined) setOpen(new Set([...open, ...foldersAbove(shown)]))
  }
  const toggle = (path: string) => {
    const next = new Set(open)
    if (!next.delete(path)) next.add(path)
    setOpen(next)
  }
  return [open, toggle]
}

function useListings(source: FileSource, open: ReadonlySet<string>) {
  const folders = ['', ...open]
  const read = useQueries({ queries: folders.map((folder) => listQuery(source, folder)) })
  const listings = new Map(folders.map((folder, index) => [folder, listingOf(read[index]!)]))
  return { listings, readAgain: (folder: string) => void read[folders.indexOf(folder)]?.refetch() }
}

function listingOf({ data, isError, isFetching }: UseQueryResult<readonly FileEntry[]>): Listing {
  if (data) return { is: 'read', entries: data }
  return { is: isError && !isFetching ? 'failed' : 'reading' }
}

function Row({
  row,
  isShown,
  isEntered,
  onAct,
}: {
  row: TreeRow
  isShown: boolean
  isEntered: boolean
  onAct: () => void
}) {
  const { is, name, level, isOpen, size, position, siblings } = row
  return (
    <div
      role="treeitem"
      tabIndex={isEntered ? 0 : -1}
      aria-level={level}
      aria-posinset={position}
      aria-setsize={siblings}
      aria-selected={isShown}
      aria-expanded={is === 'folder' ? isOpen : undefined}
      className={`${css.row} ${isShown ? css.shown : ''} ${isEntry(row) ? '' : css.note}`}
      style={{ paddingLeft: 8 + Math.min(level - 1, 12) * 14 }}
      onClick={onAct}
    >
      {is === 'folder' && (isOpen ? <ChevronDown className={css.twist} /> : <ChevronRight className={css.twist} />)}
      {is === 'folder' && (isOpen ? <FolderOpen /> : <Folder />)}
      {is === 'file' && <File className={css.leaf} />}
      {isEntry(row) ? (
        <span className="cut grow" title={name}>
          {name}
        </span>
      ) : (
        <span>{noteOf(row)}</span>
      )}
      {size !== null && is === 'file' && <small className="faint num nowrap">{bytes(size)}</small>}
    </div>
  )
}

function noteOf({ is, more }: TreeRow): string {
  if (is === 'more') return say(words.folderMore, { count: Math.min(more, AT_ONCE) })
  return is === 'empty' ? words.folderIsEmpty : is === 'failed' ? words.folderFailed : words.folderReading
}

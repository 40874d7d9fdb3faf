import { useNavigate, useSearch } from '@tanstack/react-router'
import type { ComparisonSearch } from './comparison-search.ts'

type Change = { readonly [P in keyof ComparisonSearch]?: string | undefined }

/** What is compared and how, which is all in the address. */
export function useComparison(): readonly [ComparisonSearch, (change: Change) => void] {
  const navigate = useNavigate()
  const search = useSearch({ strict: false }) as ComparisonSearch
  const change = (wanted: Change) =>
    void navigate({
      to: '.',
      search: (before) => ({ ...before, ...wanted }) as never,
      replace: true,
      resetScroll: false,
    })
  return [search, change]
}

import { useNavigate } from '@tanstack/react-router'

/** Opens a dialog of the page by its name in the address, or closes it. */
export function useDo(): (name: string | undefined) => void {
  const navigate = useNavigate()
  return (name) =>
    void navigate({ to: '.', search: (before) => ({ ...before, do: name }) as never, replace: name === undefined })
}

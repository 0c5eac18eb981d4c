// What the image adds to its base.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { layOut } from '../image/layout.ts'
import type { Figure } from './figure.ts'

/** MB (10^6 bytes). */
const MOST = 60

export const measureImage = async (): Promise<Figure[]> => {
  const folder = mkdtempSync(join(tmpdir(), 'taskport-image-'))
  try {
    const bytes = await layOut(folder)
    return [
      {
        name: 'image, its own layers',
        value: Number((bytes / 1e6).toFixed(1)),
        unit: 'MB',
        most: MOST,
      },
    ]
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Text of others for a terminal, which would obey the control characters in it. */
export const printable = (text: string): string => text.replaceAll(/\p{C}/gu, '\ufffd')

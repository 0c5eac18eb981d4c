export declare const typesOf: (document: object) => Promise<string>

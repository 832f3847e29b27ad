/** In the place of a person who was erased, where the API says who it was. */
export const ERASED = 'user:default/erased';

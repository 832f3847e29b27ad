import type { Lexicon } from './Lexicon';

export const spanish: Lexicon = {
  language: 'es',
  functionWords: `el la los las lo un una unos unas de del al a en por para con y o e u que como cuando donde quien quienes
    cual cuales cuanto cuanta cuantos cuantas porque si yo me mi tu te usted el ella se nos ellos ellas le les
    es son soy esta estan era fue ser estar ha han he hay tiene tienen tengo hace hacer
    puedo puede pueden podemos poder debo debe deben deber quiero quisiera pero este esta estos estas ese esa eso`,
  lightWords: `favor exactamente`,
  courtesies:
    /^(?:(?:hola|buenos dias|por favor)[,!. ]+)*(?:(?:puedes|puede|podria|podrias) (?:decirme|explicarme) |quisiera saber |(?:dime|digame|explicame|expliqueme) )?/,
  rewrites: [
    [/^(como|donde) (\w+?)zco\b/, '$1 puedo $2cer'],
    [
      /^(como|donde) (\w{3,}?)o (?=el|la|los|las|un|una|mi|mis|su|sus|tu|con|sin)/,
      '$1 puedo $2ar ',
    ],
    [/^como (?=\w+[aei]r\b)/, 'como puedo '],
    [/\bencuentrar\b/g, 'encontrar'],
    [/\bcual es el (?:precio|coste|costo) del?\b/g, 'cuanto cuesta'],
    [/\bcuanto cuesta (?:el|la)\b/g, 'cuanto cuesta'],
    [/\bes posible\b/g, 'puedo'],
    [/\bquien es el que\b/g, 'quien'],
    [/\bque significa\b/g, 'que es'],
    [/\bque es una?\b/g, 'que es'],
    [/\bson necesarios?\b/g, 'se necesitan'],
  ],
  questions: [
    [/^cuant[oa]s?\b/, 'quantity'],
    [/^como puedo\b/, 'how-to'],
    [/^como\b/, 'how'],
    [/^donde\b/, 'where'],
    [/^cuando\b/, 'when'],
    [/^por que\b/, 'why'],
    [/^quien(?:es)?\b/, 'who'],
    [/^cual(?:es)?\b/, 'which'],
    [/^que\b/, 'what'],
    [
      /^(?:es|son|esta|puedo|puede|pueden|debo|debe|deben|hay|tiene|tienen|reciben)\b/,
      'whether',
    ],
  ],
  imperatives: `explica explique describe lista muestra da dame resume traduce compara calcula escribe define encuentra
    ayuda hola si en para con sin por de a despues antes`,
  negators: `no ni nunca jamas ningun ninguna ninguno sin nada nadie tampoco excepto salvo prohibido`,
  poles: {
    'able+': 'activar activo activa habilitar permitir activos',
    'able-': 'desactivar desactivo desactiva deshabilitar bloquear inactivos',
    'time-': 'antes previo anterior hasta',
    'time+': 'despues posterior siguiente desde',
    'much+': 'mas aumentar aumento maximo maxima mayor superior',
    'much-': 'menos reducir reduzco disminuir minimo minima menor inferior',
    'in+': 'dentro importar entrante',
    'in-': 'fuera exportar saliente',
    'add+': 'anadir agregar crear instalar',
    'add-': 'eliminar quitar borrar desinstalar',
    'open+': 'abrir abierto desbloquear',
    'open-': 'cerrar cerrado',
    'start+': 'empezar comenzar inicio primero primera',
    'start-': 'terminar fin ultimo ultima parar',
    'yes+': 'aprobar aceptar aceptado',
    'yes-': 'rechazar rechazado denegar',
    'trade+': 'comprar compra recibir',
    'trade-': 'vender venta enviar',
    'gross+': 'bruto bruta',
    'gross-': 'neto neta',
  },
  quantifiers: {
    all: 'todos todas todo toda cada siempre',
    some: 'algunos algunas alguno alguna varios varias',
    most: 'mayoria',
    only: 'solo solamente unicamente',
    both: 'ambos ambas',
    half: 'medio media mitad',
    double: 'doble',
  },
  modals: {
    can: 'puedo puede pueden podemos puedes',
    must: 'debo debe deben necesario necesarios obligatorio',
    should: 'deberia deberian',
  },
  tenses: { past: 'era fue eran fueron', future: 'sera seran' },
  possessives: {
    my: 'mi mis nuestro nuestra nuestros nuestras yo me nosotros nos',
    your: 'tu tus vuestro te usted',
    his: 'su sus el-mismo',
    her: 'ella ellas',
  },
  numbers: `cero # dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince`,
  ordinals:
    'primero segundo tercero cuarto quinto sexto septimo octavo noveno decimo',
  directions: 'a al de del desde hacia entre y o que por contra',
  synonyms: [
    'eliminar quitar borrar',
    'cambiar modificar',
    'envio entrega',
    'necesitan necesarios requieren',
  ],
  timeDependent:
    /\b(?:hoy|ahora|actual\w*|ayer|manana|reciente\w*|ultimas? noticias|clima|de momento|todavia|aun|ya|(?:esta|este|proxim[oa]|pasad[oa]|ultim[oa]) (?:semana|mes|ano|dia|noche|trimestre)|(?:semana|mes|ano) (?:pasad[oa]|proxim[oa]|que viene))\b/,
  personal: /\b(?:yo|me|mi|mis|conmigo|nosotros|nos|nuestr[oa]s?)\b/,
  stem: word =>
    word.length < 5
      ? word
      : word.replace(/(?:s)$/, '').replace(/(?:ar|er|ir|o|a|e)$/, ''),
};

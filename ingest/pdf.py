def read_pdf(p): raise NotImplementedError
